// Shared by several scripts. Every script runs in Thunderbird's privileged
// context, with its arguments in args.

const { setTimeout } = ChromeUtils.importESModule(
  "resource://gre/modules/Timer.sys.mjs"
);

/** An error and its causes, as text. */
function describe(error) {
  const parts = [String(error?.message || error)];
  for (const inner of [...(error?.errors ?? []), error?.cause]) {
    if (inner) {
      parts.push(describe(inner));
    }
  }
  return parts.join(": ");
}

/** Waits until probe returns something, and returns that. */
async function until(what, probe) {
  for (;;) {
    let found;
    try {
      found = await probe();
    } catch {
      // Half-built windows throw; the caller's deadline ends the wait.
    }
    if (found) {
      return found;
    }
    await new Promise(resolve => setTimeout(resolve, 20));
    if (Date.now() > until.deadline) {
      throw new Error(`timed out waiting for ${what}`);
    }
  }
}
until.deadline = Date.now() + 60_000;

/** The name of a number among the constants of an XPCOM interface. */
function nameOf(constants, number) {
  return (
    Object.keys(constants).find(name => constants[name] === number) ??
    String(number)
  );
}

/** One server of an AccountConfig, as plain data. */
function serverOf(server) {
  return {
    type: server.type,
    hostname: server.hostname,
    port: server.port,
    socketType: nameOf(Ci.nsMsgSocketType, server.socketType),
    auth: nameOf(Ci.nsMsgAuthMethod, server.auth),
    username: server.username,
  };
}

/** The Account Hub, which lives inside several shadow roots. */
const hub = {
  get window() {
    return Services.wm.getMostRecentWindow("mail:3pane");
  },
  get container() {
    return this.window.document.querySelector("account-hub-container");
  },
  get email() {
    return this.container.shadowRoot.querySelector("account-hub-email");
  },
  get busy() {
    return this.email.classList.contains("busy");
  },
  /** The current step. */
  get step() {
    return [...this.email.querySelectorAll(".account-hub-step")].find(
      step => !step.hidden
    );
  },
  /** The green or red bar above a step, if there is one. */
  get notice() {
    return this.step.shadowRoot
      ?.querySelector("account-hub-header")
      ?.shadowRoot?.querySelector("#emailFormNotification:not([hidden])")
      ?.textContent.replace(/\s+/g, " ")
      .trim();
  },
  async type(selector, text) {
    const input = await until(selector, () => this.step.querySelector(selector));
    input.focus();
    input.value = text;
    input.dispatchEvent(new this.window.Event("input", { bubbles: true }));
  },
  /** Presses Continue as soon as that is possible. */
  async proceed() {
    const button = await until("the button Continue", () => {
      const b = this.email.querySelector("account-hub-footer #forward");
      return !this.busy && b && !b.hidden && !b.disabled && b;
    });
    button.click();
  },
};
