"""The product's WSGI application with a planted defect."""

from tests.faults.planted import plant

plant()

from exam_sim.wsgi import application  # noqa: E402

__all__ = ["application"]
