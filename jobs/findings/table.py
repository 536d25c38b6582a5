"""Every rule, and what a job's evidence gives by them."""

from dataclasses import dataclass

from jobs.findings.evidence import Evidence
from jobs.findings.finding import Finding, Rule
from jobs.findings.rules import accuracy, layers, network, steps

OF_GRADIENTS = frozenset({"gradient_vanishes", "gradient_explodes", "frozen_layer"})
OF_SIGNAL = frozenset({"signal_vanishes"})
OF_LEARNING = frozenset({"at_chance", "labels_unrelated", "memorized"})

RULES: tuple[Rule, ...] = (
    Rule(
        "no_nonlinearity",
        "Can the network do more than one linear layer?",
        network.no_nonlinearity,
        bound=2,
        threshold="at least {bound:g} layers with weights; no nonlinearity, max-pool or local response normalization",
        source="a product of matrices is a matrix",
        remedy="give the hidden layers an activation, such as relu",
    ),
    Rule(
        "input_scale",
        "Do the inputs have a scale that the first layer can take?",
        network.input_scale,
        bound=10,
        threshold="inputs as they are stored, and an sd over {bound:g} at the first nonlinearity at the first step",
        source="ours: sigmoid and tanh are flat beyond 5 and 3; LeCun et al. 1998, section 4.3, ask for an sd near 1",
        remedy='"data": {"normalize": "standardize"}, batch normalization on the input, or "binarize": true for images',
        explains=frozenset({"saturated", "dead", "steps_too_large", "labels_unrelated"}) | OF_GRADIENTS | OF_SIGNAL,
    ),
    Rule(
        "diverged",
        "Is the loss a finite number?",
        steps.diverged,
        bound=0,
        threshold="a loss of training or evaluation that is not finite",
        source="IEEE 754: what is not finite stays so",
        remedy="a smaller learning rate, warm-up, clip_gradient_norm, batch normalization or a smaller initial sd",
        explains=frozenset({"weights_decayed", "steps_too_large", "dead", "saturated", "running_statistics"})
        | OF_GRADIENTS
        | OF_SIGNAL
        | OF_LEARNING,
    ),
    Rule(
        "weights_decayed",
        "Does weight decay leave any weights?",
        steps.weights_decayed,
        bound=0.1,
        threshold="a weight_norm under {bound:g} of its first, not in front of batch normalization, in a training that "
        "is at chance or 0.3 below its best",
        source="ours: only the decay shrinks a layer so",
        remedy="a smaller weight_decay: 0.0001 is usual",
        explains=frozenset({"steps_too_large", "dead", "labels_unrelated"}) | OF_GRADIENTS | OF_SIGNAL,
    ),
    Rule(
        "small_batches",
        "Does batch normalization see enough values?",
        accuracy.small_batches,
        bound=3,
        threshold="at most 16 values a channel, and a variance_ratio over {bound:g} now",
        source="ours: of 60 values it is 0.5, of 8 about 2; Wu and He 2018 show what small batches cost",
        remedy="larger batches, or batch normalization of fewer layers",
        explains=frozenset({"running_statistics", "labels_unrelated", "memorized", "saturated"}) | OF_GRADIENTS,
    ),
    Rule(
        "steps_too_large",
        "Are steps shorter than the weights that they change?",
        steps.steps_too_large,
        bound=1,
        threshold="an update_ratio over {bound:g} in some layer, or a loss 1.5 times that of guessing and that of the "
        "first step, in a training that is at chance now",
        source="ours: such a step replaces the weights instead of changing them; 0.001 is usual",
        remedy="a smaller learning rate or momentum, warm-up, or clip_gradient_norm",
        explains=frozenset({"steps_too_small", "saturated", "at_chance", "labels_unrelated"})
        | OF_GRADIENTS
        | OF_SIGNAL,
    ),
    Rule(
        "steps_too_small",
        "Are steps long enough to get anywhere?",
        steps.steps_too_small,
        bound=1e-4,
        threshold="an update_ratio under {bound:g} in every layer over the first half, and a loss still over half of "
        "its first",
        source="a tenth of the usual 0.001 (Karpathy's rule of thumb, CS231n)",
        remedy="a larger learning rate: ten times, and again; or a larger clip_gradient_norm",
        explains=frozenset({"labels_unrelated"}) | OF_GRADIENTS,
    ),
    Rule(
        "signal_vanishes",
        "Do the examples still differ in the last layers?",
        layers.signal_vanishes,
        bound=1e-2,
        threshold="an sd of what the last nonlinearity gets under {bound:g} of the first one's, in a training that is "
        "at chance, up to now",
        source="ours: what an sd far from 1 / sqrt of the inputs does is in Glorot and Bengio 2010",
        remedy="a larger initial sd, such as kaiming_normal or xavier_normal weights, or batch normalization",
        explains=frozenset({"dead", "labels_unrelated"}) | OF_GRADIENTS,
    ),
    Rule(
        "dead",
        "Do relus give anything but 0?",
        layers.dead,
        bound=0.9,
        threshold="a dead share of at least {bound:g} of a layer, up to now",
        source="ours: what is left is too little to learn by; wide relu networks learn with a half dead",
        remedy="a smaller learning rate, leaky_relu, batch normalization, or a smaller initial sd",
        explains=frozenset({"at_chance", "labels_unrelated"}) | OF_GRADIENTS,
    ),
    Rule(
        "saturated",
        "Do sigmoids and tanhs pass gradients on?",
        layers.saturated,
        bound=0.5,
        threshold="a saturated share of at least {bound:g} of a layer, up to now; where accuracy is over 0.85, only "
        "of layers that were drawn so",
        source="ours: saturated is a slope under 0.01; Glorot and Bengio 2010, section 3, show what follows",
        remedy="a smaller initial sd (1 / sqrt of the inputs), batch normalization, or relu",
        explains=frozenset({"labels_unrelated"}) | OF_GRADIENTS,
    ),
    Rule(
        "gradient_vanishes",
        "Does a gradient reach the first layer?",
        layers.gradient_vanishes,
        bound=1e-3,
        threshold="a first layer's gradient_norm under {bound:g} of the last one's, at chance under ten times that, "
        "up to now",
        source="ours: at one learning rate for all, the first layer stays as it was drawn; Glorot and Bengio 2010",
        remedy="batch normalization, relu, kaiming_normal or xavier_normal weights, residual connections, fewer layers",
        explains=frozenset({"labels_unrelated", "frozen_layer"}),
    ),
    Rule(
        "gradient_explodes",
        "Is the gradient of the first layer of a bearable size?",
        layers.gradient_explodes,
        bound=1e3,
        threshold="a first layer's gradient_norm over {bound:g} times the last one's, up to now",
        source="ours: the opposite of the rule above",
        remedy="a smaller initial sd, residual connections, or clip_gradient_norm",
        explains=frozenset({"labels_unrelated"}),
    ),
    Rule(
        "frozen_layer",
        "Does every layer change?",
        steps.frozen_layer,
        bound=0,
        threshold="an update_ratio of {bound:g} at each of the last 50 steps and more, beside layers that change",
        source="a step of length 0 changes nothing",
        remedy="look at what the layer gets and gives: bnlab layers; nothing behind it may depend on it",
        explains=frozenset({"labels_unrelated"}),
    ),
    Rule(
        "running_statistics",
        "Does evaluation normalize by what training did?",
        accuracy.running_statistics,
        bound=0.2,
        threshold="evaluation {bound:g} below training, where running statistics are 5 % of what they began with, or "
        "1 sd from the batches'",
        source="ours: a decay of d forgets what it began with in 3 / (1 - d) steps",
        remedy='a smaller running_decay, more steps, or "population": "algorithm2"',
        explains=frozenset({"memorized", "labels_unrelated"}),
    ),
    Rule(
        "at_chance",
        "Is anything learnt?",
        accuracy.at_chance,
        bound=500,
        threshold="at least {bound:g} steps up to now with a training accuracy within 1.5 times that of guessing",
        source="ours: the means of 2,000 examples stay below it by chance alone",
        remedy="look at the layers, then at the learning rate, then at the data",
    ),
    Rule(
        "labels_unrelated",
        "Do the labels have to do with the examples?",
        accuracy.labels_unrelated,
        bound=1000,
        threshold="{bound:g} steps at chance that no other rule explains; or a test set at chance where training "
        "accuracy is 1.3 times that after so many steps, or 0.5",
        source="Zhang et al. 2017: networks learn random labels by heart",
        remedy="look at some examples with their labels, and for dropout that lets nothing through",
        explains=frozenset({"memorized"}),
    ),
    Rule(
        "memorized",
        "Does what is learnt hold for the test set?",
        accuracy.memorized,
        bound=0.2,
        threshold="evaluation {bound:g} below training",
        source="ours",
        remedy="more training examples, augment, dropout, weight_decay, or fewer steps",
    ),
)
"""In the order in which they are told: what explains others comes before them."""


@dataclass(frozen=True)
class Found:
    """A finding, and the rule that found it."""

    rule: Rule
    finding: Finding


def findings(evidence: Evidence) -> tuple[Found, ...]:
    """What the rules find, without what follows from something else that they find."""
    found: list[Found] = []
    for rule in RULES:
        follows = any(rule.name in other.rule.explains for other in found)
        if not follows and (finding := rule.find(evidence, rule.bound)) is not None:
            found.append(Found(rule, finding))
    return tuple(found)
