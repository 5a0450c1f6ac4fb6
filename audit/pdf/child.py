"""Turns HTML on its input into a tagged PDF on its output. Run as a process of its own; knows nothing of Django.

Its argument is the path of the style sheet. Nothing is ever fetched: a value that smuggles in an address is drawn
without it.
"""

import logging
import sys
from pathlib import Path

import weasyprint

logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # its words may hold text of the page


class NothingIsFetched(weasyprint.urls.URLFetcher):
    def fetch(self, url, headers=None):
        raise ValueError("Nothing is fetched.")


def main():
    fetcher = NothingIsFetched()
    html = weasyprint.HTML(string=sys.stdin.buffer.read().decode(), base_url="about:blank", url_fetcher=fetcher)
    sheet = weasyprint.CSS(string=Path(sys.argv[1]).read_text(), url_fetcher=fetcher)
    sys.stdout.buffer.write(html.write_pdf(stylesheets=[sheet], pdf_variant="pdf/ua-1"))


if __name__ == "__main__":
    main()
