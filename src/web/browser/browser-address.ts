import type { AddressPort } from "../state/app.ts";

/** The address bar of `window`. */
export function browserAddress(window: Window): AddressPort {
  const { location } = window;
  return {
    origin: location.origin,
    href: () => location.href,
    hasFragment: () => location.hash.length > 1,
    open(link) {
      const url = new URL(link, location.href);
      const isHere = url.origin === location.origin && url.pathname === location.pathname;
      if (isHere && url.hash === "") {
        // Assigning the bare address would load the page anew only to end on the same screen.
        window.history.pushState(null, "", url.pathname);
        window.dispatchEvent(new HashChangeEvent("hashchange"));
      } else {
        location.assign(url);
      }
    },
    replace(link) {
      // The entry's state stays: it tells a reload that it was in the call.
      window.history.replaceState(window.history.state, "", new URL(link).hash);
    },
    onChange(listener) {
      window.addEventListener("hashchange", listener);
      return () => {
        window.removeEventListener("hashchange", listener);
      };
    },
  };
}
