// Continues from settings with OAuth2 that the Account Hub has found, and waits for the
// sign-in window. It requests Thunderbird's own window, because there is no browser.
Services.prefs.setBoolPref("mailnews.oauth.useExternalBrowser", false);
await hub.proceed();
const page = await until("the sign-in", () => {
  for (const window of Services.wm.getEnumerator(null)) {
    if (window.location.href == "chrome://messenger/content/browserRequest.xhtml") {
      const spec =
        window.document.getElementById("requestFrame")?.currentURI?.spec;
      return spec?.startsWith("https:") && spec;
    }
  }
  return null;
});
return { page };
