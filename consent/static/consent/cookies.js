// The choice about analytics without a reload. Without this script the same form posts and comes back.
"use strict";

const banner = document.querySelector("[data-cookie-banner]");

if (banner) {
  banner.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const body = new FormData(form, event.submitter);
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Asked-By": "script" } });
      if (answer.status !== 204) throw new Error(String(answer.status));
    } catch {
      const choice = document.createElement("input");
      choice.type = "hidden";
      choice.name = "choice";
      choice.value = event.submitter.value;
      form.append(choice);
      form.submit(); // the plain way shows what is wrong
      return;
    }
    const said = banner.querySelector("[data-cookie-said]");
    banner.querySelector("[data-cookie-asked]").remove();
    said.hidden = false;
    said.focus();
  });
}
