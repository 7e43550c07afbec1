// Continues from the settings that the Account Hub has found: enters the
// password, waits for the login, and reads the account that Thunderbird has
// created. args: the password.
const [password] = args;
const { MailServices } = ChromeUtils.importESModule(
  "resource:///modules/MailServices.sys.mjs"
);

await hub.proceed();
await until("the password", () => hub.step.id == "emailPasswordSubview");
await hub.type("#password", password);
await hub.proceed();
await until("the end of the login", () => {
  return !hub.busy && (hub.step.id != "emailPasswordSubview" || hub.notice);
});
const account = MailServices.accounts.accounts.find(
  a => a.incomingServer.type == "imap"
);
if (!account) {
  return { made: false, step: hub.step.id, notice: hub.notice ?? "" };
}
const incoming = account.incomingServer;
const outgoing = MailServices.outgoingServer.getServerByKey(
  account.defaultIdentity.smtpServerKey
);
const inbox = await until("the inbox", () =>
  incoming.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox)
);
return {
  made: true,
  step: hub.step.id,
  address: account.defaultIdentity.email,
  inbox: inbox.URI,
  incoming: serverOf({
    type: incoming.type,
    hostname: incoming.hostname,
    port: incoming.port,
    socketType: incoming.socketType,
    auth: incoming.authMethod,
    username: incoming.username,
  }),
  outgoing: serverOf({
    type: outgoing.type,
    hostname: outgoing.serverURI.host,
    port: outgoing.serverURI.port,
    socketType: outgoing.socketType,
    auth: outgoing.authMethod,
    username: outgoing.username,
  }),
};
