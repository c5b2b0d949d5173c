"""What can keep the demonstration from being played; each says in both languages what happened."""


class DemoError(Exception):
    """Ends the demonstration; its text is for the person at the terminal."""


class ServerError(DemoError):
    """The server refused a request."""

    def __init__(self, asked: str, status: int, said: str) -> None:
        super().__init__(f"服务器拒绝请求 the server refused: {asked} → {status}\n{said}")


class ProgramError(DemoError):
    """A program that we started ended, or did not get ready in time."""

    def __init__(self, name: str, how: str, tail: str) -> None:
        super().__init__(f"{name}: {how}\n{tail}")


class LapsedError(DemoError):
    """The reference data are so old that the contracts in them have ended."""

    def __init__(self) -> None:
        super().__init__(
            "参考数据中的签约已到期，请换用新的 --data-dir。"
            "The contracts in the reference data have ended: start again with a new --data-dir."
        )
