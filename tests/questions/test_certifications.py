import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings

from questions.certifications import CertificationError, load, parse
from questions.models import Certification, Collection, Domain, TaskStatement

SHIPPED = Path(settings.BASE_DIR) / "fixtures" / "mls-c01" / "certification.yaml"
TEXT = """\
format: 1
certification:
  slug: demo
  title: Demo
  domains:
    - code: 1
      title: First
      weight: 60
      task_statements: [{code: 1.10, title: Ten}]
    - code: 2
      title: Second
      weight: 40
      task_statements: [{code: 2.1, title: One}]
collection: {slug: demo-bank, title: Bank}
"""


def everything() -> list[str]:
    """Every row of every table that a certification's file fills."""
    return [
        repr(list(model.objects.values())) for model in (Certification, Collection, Domain, TaskStatement)
    ]


def complaints(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(CertificationError) as error:
        parse(text.encode(), "certification.yaml")
    return [(problem.line, problem.field, problem.advice) for problem in error.value.problems]


@pytest.mark.django_db
def test_the_shipped_certification_is_loaded_and_loading_it_again_changes_nothing() -> None:
    collection = load(SHIPPED)
    certification = collection.certification
    assert (collection.slug, certification.slug) == ("mls-c01", "mls-c01")
    assert certification.retired_on == dt.date(2026, 3, 31)
    assert certification.successor == "AWS Certified Machine Learning Engineer \u2013 Associate (MLA-C01)"
    weights = Domain.objects.order_by("code").values_list("code", "weight")
    assert list(weights) == [("1", 20), ("2", 24), ("3", 36), ("4", 20)]
    codes = TaskStatement.objects.order_by("code").values_list("code", flat=True)
    assert " ".join(codes) == "1.1 1.2 1.3 2.1 2.2 2.3 3.1 3.2 3.3 3.4 3.5 4.1 4.2 4.3 4.4"
    before = everything()
    load(SHIPPED)
    assert everything() == before


@pytest.mark.django_db
def test_codes_are_read_as_they_are_written_and_changes_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "certification.yaml"
    path.write_text(TEXT)
    load(path)
    assert list(TaskStatement.objects.order_by("code").values_list("code", "title")) == [
        ("1.10", "Ten"),
        ("2.1", "One"),
    ]
    path.write_text(TEXT.replace("title: Ten", "title: Tenth"))
    load(path)
    assert TaskStatement.objects.get(code="1.10").title == "Tenth"
    assert Certification.objects.count() == Collection.objects.count() == 1


def test_what_is_wrong_is_located() -> None:
    assert complaints(TEXT.replace("weight: 60", "weight: 61")) == [
        (5, "certification.domains", "Let the weights of the domains add up to 100: they add up to 101.")
    ]
    assert complaints(TEXT.replace("code: 2.1", "code: 1.10")) == [
        (5, "certification.domains", "Give every task statement a code of its own.")
    ]
    assert complaints(TEXT.replace("code: 2\n", "code: 1\n")) == [
        (5, "certification.domains", "Give every domain a code of its own.")
    ]
    assert complaints(TEXT.replace("format: 1", "format: 2").replace("slug: demo\n", "slug: De mo\n")) == [
        (1, "format", "Write a number that is at most 1."),
        (3, "certification.slug", "Use small letters, digits and single dashes between them."),
    ]
    assert complaints("") == [(0, "", "Write fields and their values: the file is empty.")]
