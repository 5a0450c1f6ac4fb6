"""A small mailbox by IMAP in this process: what our reader asks of one, and no more."""

import re
import socketserver
import threading


class Mailbox(socketserver.ThreadingTCPServer):
    """``with Mailbox("user", "secret") as box``: listens on ``box.port``; ``box.folders`` hold mails (bytes)."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, user, password, *, dies_after=None):
        self.user, self.password, self.dies_after = user, password, dies_after
        self.folders = {"INBOX": {}}
        self.asked = []
        self.last = 0
        super().__init__(("127.0.0.1", 0), Conversation)
        self.port = self.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()

    def put(self, content, folder="INBOX"):
        self.last += 1
        self.folders.setdefault(folder, {})[self.last] = content


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.deleted = set()
        self.say(b"* OK ready")
        while line := self.rfile.readline():
            tag, verb, rest = (*line.decode().rstrip("\r\n").split(" ", 2), "")[:3]
            if verb.upper() == "UID":
                verb, _space, rest = rest.partition(" ")
            self.server.asked.append(verb.upper())
            if self.server.dies_after == verb.upper():
                return
            answer = getattr(self, f"do_{verb.lower()}", lambda rest: "OK")(rest)
            self.say(f"{tag} {answer} done".encode())
            if verb.upper() == "LOGOUT":
                return

    def say(self, line):
        self.wfile.write(line + b"\r\n")

    def do_capability(self, rest):
        self.say(b"* CAPABILITY IMAP4rev1")
        return "OK"

    def do_login(self, rest):
        user, password = (part.strip('"') for part in rest.split(" ", 1))
        return "OK" if (user, password) == (self.server.user, self.server.password) else "NO"

    def do_select(self, rest):
        self.folder = rest.strip('"')
        self.say(f"* {len(self.server.folders.get(self.folder, {}))} EXISTS".encode())
        return "OK" if self.folder in self.server.folders else "NO"

    def do_create(self, rest):
        name = rest.strip('"')
        if name in self.server.folders:
            return "NO"
        self.server.folders[name] = {}
        return "OK"

    def do_search(self, rest):
        keys = [key for key in sorted(self.server.folders[self.folder]) if key not in self.deleted]
        self.say(b"* SEARCH " + b" ".join(str(key).encode() for key in keys))
        return "OK"

    def do_fetch(self, rest):
        key, most = int(rest.split(" ")[0]), int(re.search(r"<0\.(\d+)>", rest)[1])
        content = self.server.folders[self.folder][key][:most]
        self.say(b"* 1 FETCH (UID %d BODY[]<0> {%d}" % (key, len(content)))
        self.wfile.write(content + b")\r\n")
        return "OK"

    def do_copy(self, rest):
        key, to = rest.split(" ", 1)
        self.server.put(self.server.folders[self.folder][int(key)], to.strip('"'))
        return "OK"

    def do_store(self, rest):
        self.deleted.add(int(rest.split(" ")[0]))
        return "OK"

    def do_expunge(self, rest):
        for key in self.deleted:
            self.server.folders[self.folder].pop(key, None)
        return "OK"
