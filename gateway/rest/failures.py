"""Whatever went wrong, as the client is told of it; what is not the client's doing is logged, without its words."""

import traceback

import psycopg
import structlog
from psycopg import errors

from gateway.errors import BadSyntax, FhirError, TooCostly, Unavailable, Unprocessable

_log = structlog.get_logger()


def told(error: Exception, request_id: str, interaction: str) -> FhirError:
    """The error of our tree that stands for any other."""
    kind = type(error).__name__
    match error:
        case FhirError():
            return error
        case RecursionError():
            return _TOO_DEEP
        case psycopg.DataError() | errors.ProgramLimitExceeded():
            _log.warning("database-refused", request=request_id, interaction=interaction, error=kind)
            return _LIMIT
        case errors.QueryCanceled():
            return _TOO_COSTLY
        case psycopg.OperationalError():  # a pool that has no connection to give says so too
            _log.error("database-away", request=request_id, error=kind)
            return _AWAY
        case _:
            _log.error("request-failed", request=request_id, interaction=interaction, error=kind, at=_frames(error))
            return _FAILED


def _frames(error: Exception) -> list[str]:
    """Where it happened, without the words of the error, which may quote data."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


_TOO_DEEP = BadSyntax("FD-DEPTH", "JSON 嵌套过深。", "The JSON is nested too deeply.")
_LIMIT = Unprocessable(
    "FD-LIMIT",
    "某个值过长,或含有无法存储的字符;请改正后重试。",
    "A value is too long or has a character that cannot be stored; mend it and try again.",
)
_TOO_COSTLY = TooCostly(
    "FD-TOO-COSTLY",
    "检索耗时过长,已中止;请增加条件,或避免 _text、_content 与按内容排序。",
    "The search took too long and was ended; narrow it, or do without _text, _content and sorting by content.",
)
_AWAY = Unavailable("FD-DATABASE", "数据库暂不可用,请稍后重试。", "The database is not available; try again later.")
_FAILED = FhirError(
    "FD-INTERNAL",
    "服务内部错误;请凭 X-Request-Id 联系运维。",
    "Internal error; give the X-Request-Id to the operator.",
)
