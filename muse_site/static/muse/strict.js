// Unfold's pages say in attributes what Alpine does. Alpine's build for strict policies, which is served here, reads
// these expressions itself: no function, no statement after another, nothing global. What it cannot read is said anew.
"use strict";

document.addEventListener("alpine:init", () => {
  for (const make of [theme, searchForm, searchDropdown, searchCommand]) Alpine.data(make.name, make);
  const tab = /activeTab: '([^']*)'/.exec(document.body.getAttribute("x-data"))?.[1] ?? "";
  Alpine.data("musePage", () => page(tab));
  document.body.setAttribute("x-data", "musePage");
  document.body.removeAttribute("x-init");
  say("x-on:click", "localStorage.setItem('sidebarDesktopOpen'", "sidebarDesktopOpen = !sidebarDesktopOpen");
  say("x-on:keydown.enter.prevent", "if (!$event.metaKey", "$event.metaKey || $event.ctrlKey || selectItem(false)");
});

// What all of a page shares: the menu's state, which is kept, and the tab of a record.
function page(tab) {
  return {
    activeTab: getCurrentTab() || tab,
    sidebarMobileOpen: false,
    sidebarDesktopOpen: localStorage.getItem("sidebarDesktopOpen") !== "0",
    window: { location: { pathname: location.pathname, search: location.search } }, // a record's form asks for these
    init() {
      this.$watch("sidebarDesktopOpen", (open) => localStorage.setItem("sidebarDesktopOpen", open ? "1" : "0"));
    },
  };
}

function say(attribute, words, instead) {
  for (const each of document.querySelectorAll(`[${CSS.escape(attribute)}*="${CSS.escape(words)}"]`)) {
    each.setAttribute(attribute, instead);
  }
}
