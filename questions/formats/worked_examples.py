"""The three questions of the templates: a multiple choice, a multiple response, and one with a table and code
in its stem."""

from datetime import date

from questions.formats import Draft, Option, Reference

_VERIFIED_ON = date(2026, 11, 21)
_CODE_STEM = """\
A data scientist loads the readings of two sensors into the pandas DataFrame `df`. One reading is missing:

| sensor | minute | value |
|---|---|---|
| a | 1 | 20.5 |
| b | 1 | 19.0 |
| a | 2 | |

The next step of the notebook is:

```python
# fill each gap with what the sensor said before
df["value"] = df.groupby("sensor")["value"].ffill()
```

What is the value of sensor a in minute 2 afterwards?"""

EXAMPLES = (
    Draft(
        kind="multiple_choice",
        stem=(
            "A bank trains a classifier on two million card payments, of which 0.3 % are fraud. It reports "
            "an accuracy of 99.7 % and flags none of the payments. Which figure shows best that the model "
            "is of no use to the fraud team?"
        ),
        options=(
            Option("a", "Recall of the fraud class", True, "It is 0: none of the frauds is found."),
            Option(
                "b",
                "Accuracy on a larger test set",
                False,
                "It stays near 99.7 %: nearly all payments are honest, and the model calls all of them so.",
            ),
            Option(
                "c",
                "Specificity",
                False,
                "It is 1: all honest payments are let through. It says nothing about frauds.",
            ),
            Option("d", "Training time", False, "It tells what the model costs, not what it finds."),
        ),
        id="example-1",
        task_statement="3.5",
        level=2,
        testing_point="Names recall as the figure to watch where the class that matters is rare.",
        explanation=(
            "With classes this uneven, a model that always says *honest* is right 99.7 % of the time. "
            "Recall asks how many of the actual frauds were found."
        ),
        references=(
            Reference(
                "scikit-learn - Precision, recall and F-measures",
                "https://scikit-learn.org/stable/modules/model_evaluation.html",
            ),
        ),
        verified_on=_VERIFIED_ON,
    ),
    Draft(
        kind="multiple_response",
        stem=(
            "A team trains gradient-boosted trees with the XGBoost algorithm of Amazon SageMaker. The area "
            "under the ROC curve is 0.99 on the training data and 0.71 on the validation data. Which changes "
            "make this gap smaller? (Select TWO.)"
        ),
        options=(
            Option("a", "Lower `max_depth`", True, "Shallower trees cannot follow every single row."),
            Option(
                "b",
                "Raise `num_round`",
                False,
                "More trees fit the training data even closer, so that the gap grows.",
            ),
            Option(
                "c",
                "Set `early_stopping_rounds`",
                True,
                "Training ends when the validation data have stopped gaining.",
            ),
            Option(
                "d",
                "Train on a tenth of the rows",
                False,
                "A small sample is learned by heart more easily.",
            ),
            Option(
                "e",
                "Train on a larger instance",
                False,
                "The same model is trained in less time.",
            ),
        ),
        id="example-2",
        task_statement="3.4",
        level=3,
        testing_point="Chooses hyperparameters that hold back trees that overfit.",
        explanation="The model overfits. Simpler trees, and fewer of them, generalise better.",
        references=(
            Reference(
                "Amazon SageMaker - XGBoost hyperparameters",
                "https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html",
            ),
        ),
        services=("Amazon SageMaker",),
        verified_on=_VERIFIED_ON,
    ),
    Draft(
        kind="multiple_choice",
        stem=_CODE_STEM,
        options=(
            Option("a", "20.5", True, "The last value of sensor a before the gap is carried on."),
            Option(
                "b",
                "19.0",
                False,
                "This row stands above, but it belongs to sensor b.",
            ),
            Option("c", "19.75", False, "This is the mean of both sensors; `ffill` computes no mean."),
            Option(
                "d",
                "It stays empty",
                False,
                "A gap at the start of a group would.",
            ),
        ),
        id="example-3",
        task_statement="2.1",
        level=1,
        testing_point="Knows that a forward fill within groups carries on the last value of the same group.",
        explanation="`ffill` fills a gap with the last value that it saw, here within each sensor.",
        references=(
            Reference(
                "pandas - Group by: split-apply-combine",
                "https://pandas.pydata.org/docs/user_guide/groupby.html",
            ),
        ),
        verified_on=_VERIFIED_ON,
    ),
)
