"""What the first report concluded, by which number, and why a claim that comes out otherwise now does so."""

from dataclasses import dataclass

from bnlab.claims.verdicts import Verdict


@dataclass(frozen=True)
class First:
    """A claim in the first report."""

    verdict: Verdict
    measured: str
    """The check that decided, with its interval."""
    why: str
    """What was wrong or missing."""


STUDENTS = "95 % interval by Student's t"

FIRST: dict[str, First] = {
    "mnist": First(
        "upheld",
        "11 times fewer steps to 0.8 with BN (95 % interval by a bootstrap 9.6 to 14.3, five seeds)",
        "It compared both at one rate, 0.1, where the network without BN is far from its best, and tested only "
        "every 100 steps, about when the one with BN passes 0.8.",
    ),
    "learning-rates": First(
        "mixed",
        f"at a rate of 10 the accuracy with BN was higher by 0.607 ({STUDENTS} -0.389 to 1.603, three seeds)",
        "It asked whether BN is better at every rate, where the paper claims that higher ones work; and its intervals "
        "reached beyond what a difference of two accuracies can be.",
    ),
    "initialization": First(
        "upheld",
        f"at an sd of 0.1 the accuracy with BN was higher by 0.104 ({STUDENTS} 0.088 to 0.121, three seeds)",
        "It compared accuracies at each scale at one rate for all of them: BN was better everywhere, which does not "
        "show that less is lost by a poor scale.",
    ),
    "saturation": First(
        "mixed",
        f"tanh with BN was less accurate, by -0.0046 ({STUDENTS} -0.0051 to -0.0041, three seeds)",
        "It had one depth, six layers, and one rate for all, at which tanh without BN trains well; and it counted "
        "saturated units, which the claim is not of.",
    ),
    "dropout": First(
        "upheld",
        f"BN was above dropout by 0.0147 ({STUDENTS} 0.0095 to 0.0199, three seeds)",
        "It compared BN with dropout where dropout alone was worse than neither: nothing there needed it, so that "
        "nothing could show that BN removes the need. Now it is asked how much dropout gains, with BN and without.",
    ),
    "input-normalization": First(
        "upheld",
        f"standardized inputs were above raw ones by 0.080 ({STUDENTS} 0.060 to 0.100, three seeds)",
        "It had not whitened at all: what it called whitened was standardized. Now truly whitened ones are tried.",
    ),
    "scale-invariance": First(
        "mixed",
        f"at weights four times as large the accuracy with BN was higher by 0.0063 ({STUDENTS} -0.0026 to 0.0153, "
        "three seeds)",
        "It scaled the weights of the output too, which no BN follows, and kept the rate: the paper's equation is of "
        "weights in front of BN.",
    ),
    "jacobian": First(
        "mixed",
        f"the share of singular values near 1 was 0.407 for leaky rectifiers, against a bar of 0.5 ({STUDENTS} 0.381 "
        "to 0.433, three seeds)",
        "The bar was below chance: a random Gaussian matrix has 0.68 of them there, or 0.42 behind a rectifier; and "
        "there was no control without BN.",
    ),
    "covariate-shift": First(
        "not upheld",
        f"the cosine of gradients was lower with BN, by -0.0011 ({STUDENTS} -0.0018 to -0.0005, five seeds)",
        "It looked at the last step alone, at one rate, and left out the paper's own measure: how the distribution "
        "of a unit's input moves.",
    ),
    "placement": First(
        "mixed",
        f"BN in front was less accurate than behind, by -0.032 ({STUDENTS} -0.034 to -0.029, five seeds)",
        "It also asked whether each place is better than none, which was upheld. In front was worse than behind "
        "already; now each place is at its own best rate.",
    ),
    "inception": First(
        "upheld",
        f"BN-Baseline was above Inception by 0.099 ({STUDENTS} 0.008 to 0.190, four seeds)",
        "Its rate for Inception had not been tuned, so that thirty times as much could be the better one. It did not "
        "have the paper's two controls, five times the rate and sigmoids, without BN; nor did its networks pass a "
        "linear classifier.",
    ),
    "ensemble": First(
        "not upheld",
        "together they were less accurate than the best one, by -0.0074 (95 % interval over test images -0.0107 to "
        "-0.0041, eight networks)",
        "Its members were unequal and not trained to their end, and the one that they were compared with had been "
        "chosen by the test images.",
    ),
}
