"""What the trainer refuses, as a code of Mettle's error table and an exit status."""

EXIT_CODES = {"INVALID_INPUT": 2, "TRAINER_BAD_METRICS": 3, "NO_TRAINING_DATA": 4}


class Failure(Exception):
    """An expected refusal. ``code`` is one of EXIT_CODES."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.code]
