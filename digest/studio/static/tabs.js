// The inspector's tabs. The open one stands in the address, so that it survives a reload and can be shared.
const tabs = [...document.querySelectorAll("[role=tab]")];

/** Show the tab that the address names, or the first. */
export function showTab() {
  const named = tabs.find((tab) => tab.id === `tab-${location.hash.slice(1)}`) ?? tabs[0];
  for (const tab of tabs) {
    const open = tab === named;
    tab.setAttribute("aria-selected", String(open));
    tab.tabIndex = open ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !open;
  }
}

function open(tab) {
  history.replaceState(null, "", `#${tab.id.replace("tab-", "")}`);
  showTab();
}

export function wireTabs() {
  for (const [place, tab] of tabs.entries()) {
    tab.addEventListener("click", () => open(tab));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = tabs[(to + tabs.length) % tabs.length];
      open(next);
      next.focus();
    });
  }
  showTab();
}
