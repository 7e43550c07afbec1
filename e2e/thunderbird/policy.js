// Reads what an enterprise policy has set.
// args: the name of a text preference.
const [name] = args;
return {
  active: Services.policies.status == Services.policies.ACTIVE,
  value: Services.prefs.getStringPref(name, ""),
};
