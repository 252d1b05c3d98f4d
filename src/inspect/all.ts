export { aab } from "./aab.ts";
export { apk } from "./apk.ts";
export { exe } from "./exe.ts";
export { ipa } from "./ipa.ts";
export { macApp } from "./mac-app.ts";
export { rpm } from "./rpm.ts";
export { tarGz } from "./tar-gz.ts";
export { zip } from "./zip.ts";
