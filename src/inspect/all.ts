export { apk } from "./apk.ts";
export { tarGz } from "./tar-gz.ts";
export { zip } from "./zip.ts";
