// Opens the Account Hub, types a name and an address and reads what it shows
// after the search.
// args: the name, the address.
const [name, address] = args;

await hub.window.openAccountHub("MAIL");
await until("the Account Hub", () => hub.step?.id == "emailAutoConfigSubview");
await hub.type("#realName", name);
await hub.type("#email", address);
await hub.proceed();
const step = await until("the next step", () => {
  return !hub.busy && hub.step?.id != "emailAutoConfigSubview" && hub.step;
});
const text = id => step.querySelector(`#${id}`)?.textContent.trim() ?? "";
// What both servers have in common is shown once.
const shown = (which, what) => text(which + what) || text("shared" + what);
const side = which => ({
  type: text(`${which}Type`),
  hostname: text(`${which}Host`),
  port: Number(text(`${which}Port`)),
  socketType: shown(which, "SocketType"),
  auth: shown(which, "AuthenticationType"),
  username: shown(which, "Username"),
});
if (step.id == "emailConfigFoundSubview") {
  // Translated texts come a little later than host names.
  await until("all texts", () =>
    [side("incoming"), side("outgoing"), { notice: hub.notice }].every(part =>
      Object.values(part).every(Boolean)
    )
  );
}
const box = hub.container.shadowRoot
  .querySelector("dialog, .account-hub-dialog")
  .getBoundingClientRect();
return {
  step: step.id,
  notice: hub.notice ?? "",
  incoming: side("incoming"),
  outgoing: side("outgoing"),
  protocols: [...step.querySelectorAll("#protocolForm label")]
    .filter(label => !label.hidden)
    .map(label => label.id),
  box: { x: box.x, y: box.y, width: box.width, height: box.height },
};
