// Brings the newest figures of a notice into its page. Without scripts the page loads itself anew.
(() => {
  const SECONDS = 10;
  const SECTIONS = ["progress", "minutes", "why", "came-back"];

  async function look() {
    if (document.hidden) return;
    let answer;
    try {
      answer = await fetch(`${location.pathname}?watch=1`, { credentials: "same-origin", redirect: "manual" });
    } catch {
      return; // the office is away: the next look may find it
    }
    if (answer.type === "opaqueredirect") return location.reload(); // the session has ended
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector('script[src*="progress"]')) return location.reload(); // sending has ended: other buttons stand there
    for (const id of SECTIONS) {
      const [old, found] = [document.getElementById(id), page.getElementById(id)];
      if (old && found && !old.contains(document.activeElement)) old.replaceWith(found);
    }
  }

  setInterval(look, SECONDS * 1000);
})();
