// Redoc fetches its maker's logo from there. The site's pages ask nothing of other servers: the
// content policy would refuse it, and say so on each page.
"use strict";

const image = HTMLImageElement.prototype;
const { get, set } = Object.getOwnPropertyDescriptor(image, "src");
const setAttribute = image.setAttribute;
const isOurs = (url) => ["null", location.origin].includes(new URL(url, location).origin);

Object.defineProperty(image, "src", {
  get,
  set(url) {
    if (isOurs(url)) set.call(this, url);
    else this.dispatchEvent(new Event("error"));
  },
});
image.setAttribute = function (name, value) {
  if (name !== "src" || isOurs(value)) setAttribute.call(this, name, value);
};
