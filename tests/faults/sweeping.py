"""The sweeper of the product, at the pace of these exams: it comes every second."""

import sys

from exam_sim import sweeper
from tests.faults.planted import plant

sweeper.SECONDS = 1.0

if __name__ == "__main__":
    plant()
    sys.exit(sweeper.main())
