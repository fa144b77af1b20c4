"""An embedding endpoint on loopback that speaks OpenAI's protocol and can misbehave."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = Callable[[dict[str, Any]], tuple[int, object]]


class Stub:
    """Answers every request by `answer`, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None, dict[str, Any]]] = []
        self.answer: Answer = well
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def spec(self) -> str:
        return f"openai:small-3@http://127.0.0.1:{self.server.server_port}/v1/"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stub.asked.append((self.path, self.headers["Authorization"], body))
                status, content = stub.answer(body)
                data = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def well(body: dict[str, Any]) -> tuple[int, object]:
    """Vectors that tell the texts apart, in the wrong order, not of length 1."""
    entries = [{"index": i, "embedding": vector_of(text)} for i, text in enumerate(body["input"])]
    return 200, {"data": entries[::-1]}


def vector_of(text: str) -> list[float]:
    vector = [0.0] * 384
    vector[len(text)] = 3.0
    return vector
