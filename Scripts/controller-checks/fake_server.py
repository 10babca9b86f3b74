"""What the fake servers of the checks share: an HTTP server on loopback that is answered by whoever inherits it."""
import http.server
import threading


class FakeServer:
    """Serves from `start` until `close`. `answer` is given the handler of each request, whatever its method; that a client
    has gone away is nothing to speak of."""
    protocol = "HTTP/1.1"
    host = "127.0.0.1"
    # An `ssl.SSLContext`, where it speaks TLS.
    tls = None

    def start(self):
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = fake.protocol

            def log_message(self, *_):
                pass

            def do_any(self):
                try:
                    fake.answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    pass

            do_GET = do_PUT = do_PATCH = do_POST = do_DELETE = do_any

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_):
                pass

        self.server = Server((self.host, 0), Handler)
        self.port = self.server.server_address[1]
        if self.tls:
            # Whoever dawdles over a handshake keeps nobody else waiting.
            self.server.socket = self.tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
