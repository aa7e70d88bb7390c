"""What the bank's pages say about statuses and about what lint finds."""

from questions.lint import Rule
from questions.models import Status

TONES = {Status.DRAFT: "neutral", Status.TRIAL: "warn", Status.PUBLISHED: "good", Status.RETIRED: "bad"}
MEANINGS = {
    Status.DRAFT: "served to nobody",
    Status.TRIAL: "served only in unscored places, to learn how it does",
    Status.PUBLISHED: "served and scored, from the next form on",
    Status.RETIRED: "served to nobody any more; what was sat stays as it is",
}
WARNINGS = {
    Rule.KEY_LONGEST: "Key is the longest option",
    Rule.KEY_MUCH_LONGER: "Key is much longer",
    Rule.STEM_ECHO: "Key echoes the stem",
    Rule.OF_THE_ABOVE: "“All of the above”",
    Rule.BOTH: "“Both A and B”",
    Rule.POSITION: "Names an option by its place",
    Rule.ABSOLUTES: "Absolutes mark a distractor",
    Rule.SIMILAR_OPTIONS: "Options too similar",
    Rule.NO_QUESTION: "Stem asks no question",
    Rule.NEGATIVE: "Negative question",
    Rule.NO_COUNT: "Does not say how many",
    Rule.NO_RATIONALE: "Rationale missing",
    Rule.NO_REFERENCE: "No reference",
    Rule.NOT_VERIFIED: "Not verified lately",
    Rule.REPEATED_TAG: "Distractor tag repeated",
}
"""Those that one question can have; what concerns a bank as a whole is in no list of questions."""
