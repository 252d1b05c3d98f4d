// Reading an APK with its v2 and v3 signatures, against apksigner of the Android SDK.
import { has, interleaved, ratio, run } from "./measure.mjs";
import { samples } from "../tools/samples.mjs";

export async function inspection(_modules, program) {
  const name = "APK inspection with signatures / apksigner verify";
  if (!has("apksigner")) return [{ name, skipped: "apksigner of the Android SDK is not installed" }];
  const { "settings.apk": file } = samples(["settings.apk"]);
  const ms = await interleaved(7, {
    inspect: () => run(process.execPath, [program, "inspect", file, "--json"]),
    apksigner: () => run("apksigner", ["verify", file]),
  });
  return [ratio(name, ms.inspect, ms.apksigner, 1)];
}
