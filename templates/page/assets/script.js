// Comfort only: copy buttons, open folds for the printer and for links into them, an
// address from the link, and half a form in another language. The pages are complete
// without this file.
'use strict';

const button = document.getElementById('copy-button');
const status = document.getElementById('copy-status');

// The clipboard is there on secure connections only.
if (button && navigator.clipboard) {
  for (const value of document.querySelectorAll('[data-copy]')) {
    const copy = button.content.firstElementChild.cloneNode(true);
    const label = copy.textContent;
    const text = value.textContent;
    const show = (word) => {
      copy.textContent = word;
      copy.setAttribute('aria-label', word + ' ' + text);
    };
    show(label);
    copy.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        return; // refused by the browser; the value can still be selected
      }
      show(copy.dataset.done);
      status.textContent = copy.dataset.done + ' ' + text;
      setTimeout(() => { show(label); status.textContent = ''; }, 2000);
    });
    value.after(copy);
  }
}

// An address in a link stands behind the #, which browsers send to nobody.
const address = document.getElementById('address');
if (address && location.hash.includes('@')) {
  try {
    address.value ||= decodeURIComponent(location.hash.slice(1));
  } catch {
    // badly escaped: the person types the address
  }
  history.replaceState(null, '', location.pathname + location.search);
}

// A change of language keeps what was typed but not sent. An address must not get into a
// URL, so the form is posted.
for (const link of document.querySelectorAll('.languages a')) {
  link.addEventListener('click', (event) => {
    const typed = [...document.querySelectorAll('form input:not([type=hidden])')].find((input) => input.value !== input.defaultValue);
    if (!typed || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    for (const [name, value] of [['lang', link.hreflang], ['again', '1']]) {
      typed.form.append(Object.assign(document.createElement('input'), {type: 'hidden', name, value}));
    }
    typed.form.submit();
  });
}

// A link to a fold opens it.
const unfold = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  for (let fold = target && target.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
};
addEventListener('hashchange', unfold);
unfold();
for (const link of document.querySelectorAll('a[href^="#"]')) {
  link.addEventListener('click', () => setTimeout(unfold)); // the hash may be the same again
}

let opened = [];
addEventListener('beforeprint', () => {
  opened = [...document.querySelectorAll('details:not([open])')];
  for (const fold of opened) fold.open = true;
});
addEventListener('afterprint', () => {
  for (const fold of opened) fold.open = false;
});
