"""The sweeper's commands, timed in the environment of a site: prints a JSON object, ms by command."""

import json
import time


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from exam_sim import sweeper

    sweeper.sweep()
    found = {}
    for command in sweeper.COMMANDS:
        began = time.perf_counter()
        call_command(command, *sweeper.RECENT.get(command, []), verbosity=0)
        found[command] = 1000 * (time.perf_counter() - began)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
