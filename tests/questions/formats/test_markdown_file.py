from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questions.formats import (
    Draft,
    Entry,
    Exhibit,
    Export,
    Files,
    NoFiles,
    Option,
    Problem,
    Reference,
    Rejected,
    Source,
    markdown_file,
)
from questions.formats.templates import template
from tests.benchmarks.yardstick import within
from tests.questions.formats.made_up import odd_drafts

EASY = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
OWN = "---\nformat: 1\ncertification: mls-c01\n---\n\n"


class Folder:
    def names(self) -> list[str]:
        return ["images/plot.png"]

    def read(self, name: str) -> bytes | None:
        return b"png" if name == "images/plot.png" else None


def read(text: str, files: Files | None = None, **fields: Any) -> list[Entry | Problem]:
    return list(markdown_file.read(Source("bank.md", text.encode(), files or NoFiles(), **fields)))


def sound(text: str, files: Files | None = None) -> list[Draft]:
    """The drafts of a file with nothing wrong."""
    entries = read(text, files)
    assert [e for e in entries if not isinstance(e, Entry) or e.problems or e.draft is None] == []
    return [entry.draft for entry in entries if isinstance(entry, Entry) and entry.draft]


def shown(draft: Draft) -> tuple[str, str, list[str], str]:
    correct = "".join(option.id for option in draft.options if option.correct)
    return draft.stem, draft.kind, [option.text for option in draft.options], correct


BANK = """\
# Practice Exams

Please star us: [site](https://example.org)

## Table of Contents

1. [What stores objects?](#what-stores-objects)
2. [Which two?](#which-two)

### What stores objects?

- [ ] Lambda
-\u00a0[x] S3
- [ ] EC2<br>with a disk

**[⬆ Back to Top](#table-of-contents)**

### Which two? (Choose two.)

- [x] A policy:

```json
# - [ ] no option
{"Version": 1}
```

- [X] `List<String>`
- [ ]Reserved

**[⬆ Back to Top](#table-of-contents)**

## Licence

MIT
"""

LETTERS = """\
---
layout: exam
---

# Practice Exam 1

1. Which is horizontal? (Choose TWO)
    - A. More instances
    - B. A larger instance
    - C. More shards

    <details markdown=1><summary markdown='span'>Answer</summary>
      Correct Answer: Ac

      Explanation:
      - First reason.
      - Second reason.

      Reference: https://example.org/a
    </details>

2. Which one?
    - A. This
    - B. That

    <details markdown=1><summary markdown='span'>Answer</summary>
      Correct answer: B
    </details>
"""


def test_checkbox_lists_are_read_without_promotion_and_contents() -> None:
    assert [shown(draft) for draft in sound(BANK)] == [
        ("What stores objects?", "multiple_choice", ["Lambda", "S3", "EC2  \nwith a disk"], "b"),
        (
            "Which two? (Choose two.)",
            "multiple_response",
            ['A policy:\n\n```json\n# - [ ] no option\n{"Version": 1}\n```', "`List<String>`", "Reserved"],
            "ab",
        ),
    ]


def test_lettered_lists_with_the_answer_in_details_are_read() -> None:
    first, second = sound(LETTERS)
    assert shown(first) == (
        "Which is horizontal? (Choose TWO)",
        "multiple_response",
        ["More instances", "A larger instance", "More shards"],
        "ac",
    )
    assert first.explanation == "- First reason.\n- Second reason."
    assert first.references == (Reference("https://example.org/a", "https://example.org/a"),)
    assert shown(second) == ("Which one?", "multiple_choice", ["This", "That"], "b")
    assert second.unstated >= {"explanation", "rationale", "id", "task_statement"}


def test_code_of_the_stem_and_after_an_option_belongs_to_them() -> None:
    (draft,) = sound(
        "#### Q1. What is printed?\n\n```js\n# - [x] nothing\n```\n\n"
        "- [ ] A\n\n```js\na\n```\n\n- [x] B\n\n```js\nb\n```\n\n"
        "**Explanation:** Because.\n\n[Reference](https://example.org/b_(c))\n"
    )
    assert shown(draft) == (
        "What is printed?\n\n```js\n# - [x] nothing\n```",
        "multiple_choice",
        ["A\n\n```js\na\n```", "B\n\n```js\nb\n```"],
        "b",
    )
    assert (draft.explanation, draft.references) == (
        "Because.",
        (Reference("Reference", "https://example.org/b_(c)"),),
    )


def test_unchecked_boxes_take_their_key_from_the_texts_below() -> None:
    (draft,) = sound(
        "41. Which?\n   - [ ] red, green\n   - [ ] blue\n   - [ ] grey\n\n   **Answer:** red, green, grey\n"
    )
    assert shown(draft) == ("Which?", "multiple_response", ["red, green", "blue", "grey"], "ac")


def test_our_own_kind_says_everything() -> None:
    text = f"""{OWN}### Which plot?

<!-- id: q-1 task_statement: 1.2 level: 3 tags: domain=Data, objective=Plots -->

![A plot](images/plot.png)

- [x] This
  ```py
  code
  ```
  > It fits.
- [ ] That
  <!-- distractor_tag: wrong_setting fixed: yes -->

**Explanation:** So.

**References:**

- [Guide](https://example.org)
"""
    (draft,) = sound(text, Folder())
    assert draft == Draft(
        kind="multiple_choice",
        stem="Which plot?",
        options=(
            Option("a", "This\n```py\ncode\n```", True, "It fits."),
            Option("b", "That", False, "", "wrong_setting", True),
        ),
        id="q-1",
        task_statement="1.2",
        level=3,
        explanation="So.",
        references=(Reference("Guide", "https://example.org"),),
        exhibits=(Exhibit("figure-1", "plot.png", "A plot"),),
    )
    assert draft.labels == ("Data", "Plots")
    assert {name: draft.place.line(name) for name in ("stem", "id", "options[1].text", "explanation")} == {
        "stem": 6,
        "id": 8,
        "options[1].text": 17,
        "explanation": 20,
    }
    assert (draft.place.line("options[0].rationale"), draft.place.line("references[0].url")) == (16, 24)


@EASY
@given(st.lists(odd_drafts(), min_size=1, max_size=3))
def test_what_is_written_reads_back_letter_for_letter(written: list[Draft]) -> None:
    entries = list(
        markdown_file.read(Source("b.md", markdown_file.write(Export(written, "mls-c01", "A bank"))))
    )
    assert [entry.draft for entry in entries if isinstance(entry, Entry)] == written
    assert [str(problem) for entry in entries if isinstance(entry, Entry) for problem in entry.problems] == []


def test_figures_travel_inside_the_file() -> None:
    exhibit = Exhibit("plot", "p.png", "A [plot] -->", "Bars:\n1 and 2")
    options = (Option("a", "x", True), Option("b", "y", False))
    written = Draft("multiple_choice", "Q?", options, id="q-1", testing_point="p", exhibits=(exhibit,))
    content = markdown_file.write(Export([written], "mls-c01", figures={("q-1", "p.png"): b"\x89PNG"}))
    (entry,) = markdown_file.read(Source("b.md", content))
    assert isinstance(entry, Entry)
    assert (entry.draft, entry.figures) == (written, {"p.png": b"\x89PNG"})


@pytest.mark.parametrize(
    ("text", "line", "field", "offending"),
    [
        ("### Q?\n\n- [ ] a\n- [ ] b\n\n**Answer:** Zooker\n", 6, "questions[0].options", "Zooker"),
        ("1. Q?\n   - A. a\n   - B. b\n\nCorrect answer: C\n", 5, "questions[0].options", "C"),
        ("### Q?\n- [x] a\n- [ ] b\n\nAnswer: B\n", 5, "questions[0].options", "B"),
        ("### Q?\n- [x] a\n- [ ] b\n\n```sql\nselect 1\n", 5, "questions[0].explanation", "```sql"),
        ("### Q?\n\n```sql\n\n- [x] a\n- [ ] b\n", 3, "questions[0].stem", "```sql"),
        ("1. Q?\n   - A. a\n   - C. b\n\nAnswer: A\n", 3, "questions[0].options[1].text", "C. b"),
        (f"{OWN}### Q?\n<!--\nid: q\nlevel: hard\n-->\n- [x] a\n- [ ] b\n", 9, "questions[0].level", "hard"),
        (
            f"{OWN}### Q?\n<!-- verified_on: 11/20/2026 -->\n- [x] a\n- [ ] b\n",
            7,
            "questions[0].verified_on",
            "11/20/2026",
        ),
        (f"{OWN}### Q?\n<!-- kind: doubtful -->\n- [x] a\n- [ ] b\n", 7, "questions[0].kind", "doubtful"),
        (
            f"{OWN}### Q?\n- [x] a\n- [ ] b\n  <!-- fixed: perhaps -->\n",
            9,
            "questions[0].options[1].fixed",
            "perhaps",
        ),
        (
            f"{OWN}### Q?\n- [x] a\n- [ ] b\n\n**References:**\n\n- a book\n",
            12,
            "questions[0].references[0]",
            "- a book",
        ),
        (f"{OWN}### Q?\n<!-- shuffle: perhaps -->\n- [x] a\n- [ ] b\n", 7, "questions[0].shuffle", "perhaps"),
    ],
)
def test_what_is_wrong_is_said_with_line_and_field(text: str, line: int, field: str, offending: str) -> None:
    problems = [problem for entry in read(text) if isinstance(entry, Entry) for problem in entry.problems]
    assert [(p.line, p.field, p.text) for p in problems] == [(line, field, offending)]


def test_marks_and_an_answer_that_differ_are_offered_as_two_readings() -> None:
    (entry,) = read("### Q?\n- [x] a\n- [ ] b\n\nAnswer: B\n")
    assert isinstance(entry, Entry)
    assert [reading.changes for reading in entry.problems[0].readings] == [
        {"key": ["a"], "kind": "multiple_choice"},
        {"key": ["b"], "kind": "multiple_choice"},
    ]


def test_a_placeholder_without_a_key_is_a_question_without_a_key() -> None:
    first, second = sound("### PLACEHOLDER\n\n- [ ] a\n- [ ] b\n\n### Q?\n\n- [x] a\n- [ ] b\n")
    assert [option.correct for option in first.options] == [False, False]
    assert [option.correct for option in second.options] == [True, False]


@pytest.mark.parametrize(
    ("image", "line"), [("https://example.org/a.png", 3), ("missing.png", 3), ("../../etc/passwd", 3)]
)
def test_a_figure_that_cannot_be_had_is_a_warning(image: str, line: int) -> None:
    (entry,) = read(f"### Q?\n\n![A]({image})\n\n- [x] a\n- [ ] b\n")
    assert isinstance(entry, Entry)
    assert entry.draft is not None
    assert [(p.severity, p.line, p.text) for p in entry.problems] == [("warning", line, image)]
    assert (entry.draft.stem, entry.draft.exhibits) == ("Q?", ())


def test_a_fence_that_nothing_closes_swallows_no_question() -> None:
    entries = read("### Q?\n- [x] a\n- [ ] b\n```sql\nselect\n\n### R?\n- [x] a\n- [ ] b\n")
    assert [e.draft.stem for e in entries if isinstance(e, Entry) and e.draft] == ["Q?", "R?"]


def test_what_may_be_a_question_and_was_left_out_is_named() -> None:
    entries = read(
        "### Q?\n- [x] a\n- [ ] b\n\n### Notes for teachers\n\nNone.\n\n## Tasks\n\n- [ ] do this\n"
    )
    assert [(p.line, p.text) for p in entries if isinstance(p, Problem)] == [
        (5, "Notes for teachers"),
        (9, "Tasks"),
    ]


def test_a_file_for_another_certification_is_a_problem() -> None:
    problem = read(f"{OWN}### Q?\n- [x] a\n- [ ] b\n", certification="clf-c02")[0]
    assert isinstance(problem, Problem)
    assert (problem.line, problem.field) == (3, "certification")


def test_rejected_questions_are_given_back_below_their_problems_and_read_again() -> None:
    text = f"{OWN}### P?\n- [x] a\n- [ ] b\n\n### Q?\n<!-- level: hard -->\n- [x] a\n- [ ] b\n"
    source = Source("bank.md", text.encode())
    bad = [e for e in markdown_file.read(source) if isinstance(e, Entry) and e.problems]
    back = markdown_file.give_back(source, [Rejected(entry.raw, entry.problems) for entry in bad])
    assert back.decode() == (
        "---\nformat: 1\ncertification: mls-c01\n---\n\n"
        "<!-- problem: level: Write 1 for recall, 2 for application or 3 for analysis. [hard] -->\n"
        "### Q?\n<!-- level: hard -->\n- [x] a\n- [ ] b\n"
    )
    assert [d.stem for d in sound(back.decode().replace("level: hard", "level: 3"))] == ["Q?"]


@EASY
@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)),
    st.sampled_from(["", OWN, "### Q\n- [x] a\n"]),
)
def test_no_bytes_raise(content: bytes, before: str) -> None:
    found = list(markdown_file.read(Source("b.md", before.encode() + content)))
    assert all(isinstance(entry, Entry | Problem) for entry in found)


@EASY
@given(st.data())
def test_a_file_with_a_few_pieces_changed_never_raises(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from([BANK, LETTERS, template("markdown")[1].decode()]))
    pieces = [
        "",
        "```\n",
        "<!--",
        "-->",
        "- [x] ",
        "\n### ",
        "\n1. ",
        "![",
        "](",
        "<b>",
        "</b>",
        "> ",
        "Answer: ",
        "\t",
    ]
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content)))
        content = (
            content[:at] + data.draw(st.sampled_from(pieces)) + content[at + data.draw(st.integers(0, 3)) :]
        )
    assert all(isinstance(entry, Entry | Problem) for entry in read(content))


@pytest.mark.parametrize("before", ["", "### q\n- [x] a\n- [ ] b\n\n", f"{OWN}### q\n- [x] a\n"])
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "#",
            "# a\n",
            "### q\n- [ ] a\n",
            "- [ ] ",
            "- [",
            "```\n",
            "```x\n~~~\n",
            "````\n```\n",
            "<!--\n",
            "<b>",
        ),
        *(
            "[",
            "![a](",
            "`",
            "`a",
            "*",
            "Answer:\n",
            "1. a\n",
            "1. a\n- A. b\n- B. c\nAnswer: A\n",
            " ",
            "> \n",
        ),
        *(
            "- A. a\n",
            "<br>",
            "<br ",
            "\\",
            "id: ",
            "---\n",
            "a:b\n",
            "[a](b) ",
            "<img ",
            "<!-- id: x -->\n",
            "[top](",
        ),
    ],
)
def test_many_bytes_of_anything_are_read_in_seconds(piece: str, before: str) -> None:
    text = before + piece * (200_000 // len(piece))
    with within(4):
        assert all(isinstance(entry, Entry | Problem) for entry in read(text))
