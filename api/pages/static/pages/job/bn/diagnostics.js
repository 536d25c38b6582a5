/** The diagnostics: what each asks, by which formula, what to conclude, and what its charts show. */

const diagnostic = (name, question, formula, conclude, charts, needs = null) =>
  Object.freeze({ name, question, formula, conclude, charts, needs });

/** A chart: the measure on its line, of each layer (`layers`) or of the network, and those that bound its band. */
const ofLayers = (title, y, options = {}) => Object.freeze({ title, layers: true, lines: [{ y, ...options }], ...options });
const ofNetwork = (title, lines, options = {}) => Object.freeze({ title, layers: false, lines, ...options });

export const DIAGNOSTICS = Object.freeze([
  diagnostic("depth_gradient", "Does the gradient vanish or explode with depth?",
    "log_norm = ln ‖∂ℓ/∂h‖, where h is what a nonlinearity is given and ℓ the loss",
    "Alike in all layers: gradients arrive. A steep slope from layer to layer: they vanish or explode; BN, residual "
    + "connections or another initialization help.",
    [ofLayers("ln of the gradient's norm", "log_norm")]),
  diagnostic("rank", "Do different inputs still look different in the last layers?",
    "rank = tr(M)² / ‖M‖²,  M = H Hᵀ / n, where the columns of H are what the nonlinearity gives of n examples",
    "Stays up with depth: the layers tell inputs apart. Falls towards 1: all inputs look alike to the last layers, and "
    + "training cannot start. Sigmoids and relus have positive outputs, which alone lower it.",
    [ofLayers("Rank of outputs (lower bound)", "rank")]),
  diagnostic("drift", "Is evaluation worse than training because of BN's statistics?",
    "accuracy on the test set with running statistics, with those of Algorithm 2, pooled ones, and each mini-batch's own",
    "All alike: BN is not the problem. Running far below the rest: the running statistics have not arrived; take a smaller "
    + "running_decay or another population. All below the mini-batch's own: the test set is distributed otherwise.",
    [
      ofNetwork("Accuracy on the test set, by whose statistics", [
        { y: "accuracy_running", label: "running" },
        { y: "accuracy_algorithm2", label: "Algorithm 2" },
        { y: "accuracy_pooled", label: "pooled" },
        { y: "accuracy_batch", label: "mini-batch's own" },
      ]),
      ofLayers("Gap of means, running to training set", "mean_gap", { scale: "log" }),
      ofLayers("Gap of variances, running to training set", "variance_ratio", { scale: "log" }),
    ], "bn"),
  diagnostic("covariate_shift", "Was a layer's step still right once the layers below had moved?",
    "shift = ‖G − G′‖, cosine = ⟨G, G′⟩ / (‖G‖ ‖G′‖), where G′ is the gradient after only the layers below took their step",
    "Cosine near 1: the step was still right. Near 0 or below: the layers below had changed its task. BN need not make "
    + "this better, though it makes training faster.",
    [ofLayers("Cosine between the gradients", "cosine"), ofLayers("Shift of the gradient", "shift")]),
  diagnostic("landscape", "Does the gradient predict what a step will do?",
    "loss and ‖g − g′‖ at w − kηg, k = 0.5 … 4;  smoothness = max ‖g′ − g‖ / ‖kηg‖",
    "Narrow ranges: the gradient predicts the step, and larger rates are safe. Wide ranges: a step overshoots.",
    [
      ofNetwork("Range of the loss along the gradient", [{ y: "loss_max", low: "loss_min", high: "loss_max", label: "greatest" }]),
      ofNetwork("Range of the gradient's change", [
        { y: "gradient_change_max", low: "gradient_change_min", high: "gradient_change_max", label: "greatest" },
      ]),
      ofNetwork("Smoothness", [{ y: "smoothness", label: "smoothness" }], { scale: "log" }),
    ]),
  diagnostic("jacobian", "Does a layer keep the length of a gradient?",
    "singular values of the map from one normalized vector (without BN: input of a nonlinearity) to the next; share_near_one: of ½ … 2",
    "Near 1: the length is kept. Most far below or above: gradients shrink or grow here. A relu makes about half of them 0. "
    + "A share within ½ … 2 says something only where it is above that of random matrices of this size and norm.",
    [
      ofLayers("Median singular value, band = least to greatest", "median", { low: "min", high: "max" }),
      ofLayers("Share of singular values within ½ … 2", "share_near_one"),
      ofLayers("The same share of random matrices", "share_random"),
    ]),
  diagnostic("gradient_filter", "How much of the gradient does BN take away?",
    "share = (⟨1, g⟩² + (2 − s)⟨g, x̂⟩²) / (m ‖g‖²) of each channel, with m values and s = σ² / (σ² + ε)",
    "About 2/m: what is taken would only have changed mean and scale. Near 1: nothing is left for the layers below.",
    [ofLayers("Mean share of the gradient, band = least to greatest channel", "share_mean", { low: "share_min", high: "share_max" })], "bn"),
  diagnostic("effective_learning_rate", "How far does a step turn the weights in front of BN?",
    "η / ‖w‖² of each unit, w its weights directly in front of BN; with momentum μ over 1 − μ; with Adam η / ‖w‖",
    "Falls slowly: BN anneals the rate by itself as the weights grow. Rises without end: weight decay shrinks the weights "
    + "faster than steps make them grow.",
    [ofLayers("Effective learning rate, median unit, band = least to greatest", "effective_learning_rate",
      { low: "effective_learning_rate_min", high: "effective_learning_rate_max", scale: "log" })], "bn"),
]);

/** What a document says to get a diagnostic. */
export const howToAsk = (name) => JSON.stringify({ recording: { diagnostics: [{ name, every: 500 }] } });
