"""JSON lines on stderr: what happened and where, never of whom."""

import logging
import sys
import traceback

import structlog


def configure() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)


def frames(error: BaseException) -> list[str]:
    """Where it happened, without the words of the error, which may quote data."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


class _Libraries(logging.Handler):
    """What libraries log, as one line like ours: the template without its arguments, the error without its words."""

    def emit(self, record: logging.LogRecord) -> None:
        told = {"logger": record.name, "text": str(record.msg).partition("\n")[0]}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            told |= {"error": type(error).__name__, "at": " < ".join(frames(error)[-3:])}
        structlog.get_logger().log(record.levelno, "library", **told)
