"""Public banks say which option is correct in ways of their own."""

from questions.formats import Draft, Entry, Problem, Source
from questions.formats.markdown_file import read


def drafts(text: str) -> list[Draft]:
    found = [entry.draft for entry in read(Source("bank.md", text.encode())) if isinstance(entry, Entry)]
    return [draft for draft in found if draft is not None]


def options(draft: Draft) -> list[tuple[str, bool, str]]:
    return [(option.text, option.correct, option.rationale) for option in draft.options]


NUMBERED = """\
## Question 7:
A queue has these settings:
- `retries` = 3

What happens after the third failure?

1. The message is dropped.
2. The message is moved aside.
3. The queue stops.

Choose the correct answer.

<details>
<summary>Response:</summary>

The correct answer is **2. The message is moved aside.**

Explanation:

1. **Incorrect**. Nothing is dropped
   without a trace.

2. **Correct**. It waits for somebody.

3. **Incorrect**. Others go on.

Note: this may be set otherwise.

</details>
"""


def test_a_numbered_list_is_keyed_by_a_sentence_and_explained_by_number() -> None:
    [draft] = drafts(NUMBERED)
    assert draft.stem == (
        "A queue has these settings:\n- `retries` = 3\n\nWhat happens after the third failure?"
    )
    assert options(draft) == [
        ("The message is dropped.", False, "Nothing is dropped\nwithout a trace."),
        ("The message is moved aside.", True, "It waits for somebody."),
        ("The queue stops.", False, "Others go on."),
    ]
    assert draft.explanation == "Note: this may be set otherwise."
    assert (draft.place.line("options[1]"), draft.place.line("options")) == (8, 16)


def test_what_is_given_back_is_what_stood_there() -> None:
    [entry] = read(Source("bank.md", NUMBERED.encode()))
    assert isinstance(entry, Entry)
    assert entry.raw == NUMBERED.rstrip()


def test_several_numbers_make_a_multiple_response() -> None:
    [draft] = drafts(
        "## Question 3\n\nWhich two?\n\n- 1. Left\n- 2. Right\n- 3. Up\n\n"
        "**Answer:** 1 and 3\n\n**Explanation:**\nThey are."
    )
    assert (draft.kind, draft.stem, draft.explanation) == ("multiple_response", "Which two?", "They are.")
    assert options(draft) == [("Left", True, ""), ("Right", False, ""), ("Up", True, "")]


def test_numbers_that_are_options_too_name_positions() -> None:
    [draft] = drafts("## Question 4\n\nHow many?\n\n1. 2\n2. 1\n\n**Answer:** 2\n")
    assert options(draft) == [("2", False, ""), ("1", True, "")]


FEEDBACK = """\
# tunnels-15

Your tunnel is slow. What do you do first?

A. Read the logs.

B. Measure the losses.

C. Buy another one.

## Feedback

A is not correct because logs say nothing of it.

B is correct because losses slow a tunnel down.

C is not correct because it would be as slow.

https://example.com/tunnels
"""


def test_feedback_by_letter_is_the_key_and_the_rationales() -> None:
    [draft] = drafts(FEEDBACK)
    assert draft.stem == "Your tunnel is slow. What do you do first?"
    assert options(draft) == [
        ("Read the logs.", False, "Not correct because logs say nothing of it."),
        ("Measure the losses.", True, "Correct because losses slow a tunnel down."),
        ("Buy another one.", False, "Not correct because it would be as slow."),
    ]
    assert draft.explanation == "https://example.com/tunnels"


def test_feedback_may_speak_of_several_letters_at_once() -> None:
    [draft] = drafts(
        "# Two\n\nWhich two?\n\nA. One\n\nB. Two\n\nC. Three\n\n## Feedback\n\n"
        "A and C are correct because they are odd.\n\nB is incorrect: it is even.\n"
    )
    assert options(draft) == [
        ("One", True, "Correct because they are odd."),
        ("Two", False, "Not correct: it is even."),
        ("Three", True, "Correct because they are odd."),
    ]


def test_a_number_beside_the_text_of_another_option_is_no_key() -> None:
    [entry] = read(
        Source(
            "bank.md", b"## Question 1\n\nWhich?\n\n1. Left\n2. Right\n\nThe correct answer is **2. Left**\n"
        )
    )
    assert isinstance(entry, Entry)
    assert [(p.line, p.field, p.text) for p in entry.problems] == [(8, "questions[0].options", "2. Left")]
    assert entry.draft is not None
    assert [option.correct for option in entry.draft.options] == [False, False]


def test_a_section_of_several_questions_is_left_to_the_reader() -> None:
    text = (
        "# Exam\n\n1. First?\n    - A. Yes\n    - B. No\n\n    Correct answer: A\n\n"
        "2. Second?\n    - A. Yes\n    - B. No\n\n    Correct answer: B\n"
    )
    assert [options(draft) for draft in drafts(text)] == [
        [("Yes", True, ""), ("No", False, "")],
        [("Yes", False, ""), ("No", True, "")],
    ]


def test_a_list_in_the_stem_is_no_list_of_options() -> None:
    text = "## Q1. In which order?\n\n1. Wash\n2. Rinse\n\n- [ ] 2 then 1\n- [x] 1 then 2\n"
    [draft] = drafts(text)
    assert draft.stem == "In which order?\n\n1. Wash\n2. Rinse"
    assert not [found for found in read(Source("bank.md", text.encode())) if isinstance(found, Problem)]


BOLD = """\
## Part one
**1. Which one?**

A) This
B) That

**Correct Answer: B) That**

**2. Which other?**

a) This
b) That

<details><summary>Answer</summary>
a
</details>

3. **Which third?**
   - A) This
   - B) That

   \u2705 **Answer:** B

**Question 4:** Which **fourth**?

A. This
B. That

Answer: A
"""


def test_bold_numbers_begin_questions_too() -> None:
    assert [(draft.stem, [option.correct for option in draft.options]) for draft in drafts(BOLD)] == [
        ("Which one?", [False, True]),
        ("Which other?", [True, False]),
        ("Which third?", [False, True]),
        ("Which **fourth**?", [True, False]),
    ]


def test_a_table_in_html_becomes_a_table() -> None:
    table = (
        "<table>\n<tr>\n  <th>Option</th><th>Why</th>\n</tr>\n<tr><td>One</td><td>It is.</td></tr>\n</table>"
    )
    [draft] = drafts(f"### Which?\n\n- [x] One\n- [ ] Two\n\n**Explanation:** See below.\n{table}\n")
    assert draft.explanation == "See below.\n\n\n| Option | Why |\n| --- | --- |\n| One | It is. |"
