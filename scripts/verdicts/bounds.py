"""What the words of the paper's statements are taken to mean (docs/verdicts.md has the table)."""

# "Dramatically", "much", "substantially", "seriously", "clearly", "notably": a factor
# of two, in time or in the share of wrong answers. An accuracy's error is what doubles: from 95 % a
# fall to 90 % is dramatic, and from 98 % one to 96 %.
MUCH = 2.0
# "Nearly twice" is nearer to twice than to the same; what is "similar" is nearer to the same.
NEARLY_TWICE = 1.5
# Curves have "very similar" shapes, or are "almost constant", within a quarter up and down. The
# growth of a time with depth differs by more than that between the paper's own frameworks, and over
# the paper's widths the arithmetic grows sixteenfold.
ABOUT_THE_SAME = 1.25
# "Almost linear": no point is farther from the straight line through the four than a tenth of their
# range. A square (0.15) or a logarithm (0.17) over the paper's widths is.
ALMOST_LINEAR = 0.1
# "Around 97 %": two points, so that 95 % to 99 % are.
AROUND = 0.02
# A time is longer from 5 % on: most published training times have a deviation of 1 to 3 %.
LONGER = 1.05
# Accuracies differ from 0.002 on, the published deviation of networks that train well.
ANOTHER_ACCURACY = 0.002
# "Stable" over width: one point, as in the verdicts on numbers.
STABLE = 0.01
# A statement about the frameworks at large is judged on the networks that all of them have, if
# these are most of the paper's twelve: a slow framework may skip some.
MOST_NETWORKS = 9
# "94 % to 98 %", which are rounded to whole percents.
LOWEST = (0.935, 0.945)
HIGHEST = (0.975, 0.985)
THREE_HIGH = (LOWEST[0], HIGHEST[1])
# A cause explains a drop of the accuracy if at least half of the drop disappears without the cause.
EXPLAINED = 1 / MUCH
# Seconds in the paper's sentences: for the four, and for Deeplearning4j with one layer. Another
# machine has other seconds, so only their ratio is judged, within a quarter.
SECONDS_OF_TRAINING = (30, 140)
SECONDS_OF_PREDICTION = (0.4, 0.75)
# How Deeplearning4j's seconds grow from one layer to four, within a quarter.
DL4J_TRAINING_GROWTH = 210 / 140
DL4J_PREDICTION_GROWTH = 1.1 / 0.75
