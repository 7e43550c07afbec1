// Looks up many addresses, several at a time, with one of the two functions
// that make up the Account Hub's search: for autoconfig or for Autodiscover.
// args: the addresses; which of the two.
const [addresses, autodiscover] = args;

const { FetchConfig } = ChromeUtils.importESModule(
  "resource:///modules/accountcreation/FetchConfig.sys.mjs"
);
const { fetchConfigFromExchange } = ChromeUtils.importESModule(
  "resource:///modules/accountcreation/ExchangeAutoDiscover.sys.mjs"
);
const { AccountConfig } = ChromeUtils.importESModule(
  "resource:///modules/accountcreation/AccountConfig.sys.mjs"
);

async function lookUp(address) {
  const domain = address.split("@")[1];
  const { signal } = new AbortController();
  const config = autodiscover
    ? await fetchConfigFromExchange(domain, address, signal, null, "", host => {
        throw new Error(`would ask about ${host}`);
      })
    : await FetchConfig.fromISP(domain, address, signal);
  AccountConfig.replaceVariables(config, "Jane Appleseed", address, "");
  return {
    found: true,
    source: config.subSource,
    incoming: serverOf(config.incoming),
    outgoing: serverOf(config.outgoing),
  };
}

const results = [];
let next = 0;
async function work() {
  while (next < addresses.length) {
    const i = next++;
    results[i] = await lookUp(addresses[i]).catch(error => ({
      found: false,
      error: describe(error),
    }));
  }
}
await Promise.all(Array.from({ length: 8 }, work));
return results;
