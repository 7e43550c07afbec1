// Looks up the settings for an address exactly as the Account Hub does, and fills
// in the placeholders as it does.
// args: the address.
const [address] = args;
const domain = address.split("@")[1];

const { FindConfig } = ChromeUtils.importESModule(
  "resource:///modules/accountcreation/FindConfig.sys.mjs"
);
const { AccountConfig } = ChromeUtils.importESModule(
  "resource:///modules/accountcreation/AccountConfig.sys.mjs"
);

const search = FindConfig.parallelAutoDiscovery(
  domain,
  address,
  new AbortController().signal
);
const { value: config } = await search.next();
if (!config) {
  return { found: false };
}
if (config.isRedirect) {
  // Thunderbird would now ask whether a foreign host may be trusted.
  return { found: false, asksAbout: config.host };
}
AccountConfig.replaceVariables(config, "Jane Appleseed", address, "");
return {
  found: true,
  source: config.subSource,
  id: String(config.id),
  name: String(config.displayName),
  domains: config.domains.map(String),
  incoming: serverOf(config.incoming),
  outgoing: serverOf(config.outgoing),
  alternatives: [
    ...config.incomingAlternatives,
    ...config.outgoingAlternatives,
  ].map(serverOf),
};
