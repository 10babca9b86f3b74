"""An OpenAI-compatible server over https, of a few lines, for tests.

Arguments: certificate, key, the token that requests must carry (may be empty), and a log file, which gets a
line for each connection and each request. Prints its port.
"""

import http.server
import json
import ssl
import sys

certificate, key, token, log_path = sys.argv[1:]
log = open(log_path, "a", buffering=1)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "tls-test"
    sys_version = ""
    # Parts of an answer would otherwise wait for one another.
    disable_nagle_algorithm = True

    def setup(self):
        log.write("connection\n")
        super().setup()

    def log_message(self, *arguments):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        log.write(f"{self.command} {self.path} {self.headers.get('Authorization', '-')}\n")
        self.answer(200, {"version": "1"})

    def do_POST(self):
        given = self.headers.get("Authorization", "-")
        log.write(f"{self.command} {self.path} {given}\n")
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if token and given != f"Bearer {token}":
            # As real servers do, with the whole of it.
            message = f"Incorrect API key provided: {given.removeprefix('Bearer ')}"
            return self.answer(401, {"error": {"message": message}})
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        count = body["max_tokens"]
        events = [{"choices": [{"text": f"t{index}", "finish_reason": None}]} for index in range(count)]
        events.append({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": count}})
        for data in [json.dumps(event) for event in events] + ["[DONE]"]:
            text = f"data: {data}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
        self.wfile.write(b"0\r\n\r\n")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
