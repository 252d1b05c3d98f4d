import type { PagesSettings } from "../../ports/forge-settings.ts";
import { onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { fail, warn } from "./symptoms.ts";

/** States of a certificate that will serve, or soon. */
const SERVING: readonly string[] = ["approved", "issued", "uploaded", "new", "authorization_created", "authorized"];

/** Pages, where there are any, lie on a domain that is proven and served over https. */
export const pagesDomain: DoctorCheck = onForge({
  id: "pages.domain",
  title: "Pages lie on a proven domain with https, or there are none",
  run: (forge) =>
    whereSaid(forge.pages(), (pages) => (pages === null ? [] : symptomsOf(pages, `${forge.url}/settings/pages`))),
});

function symptomsOf(
  { url, domain, isHttpsEnforced, domainState, certificate }: PagesSettings,
  at: string,
): readonly Symptom[] {
  const http = isHttpsEnforced
    ? []
    : [fail(`${domain ?? url ?? "Pages"} is served without https too`, `Enforce HTTPS: ${at}`)];
  if (domain === null) {
    const message = `Pages lie at ${url ?? "an address of GitHub"}, which changes with the names of owner and repository; apps keep theirs for years`;
    return [...http, warn(message, `Set a custom domain before apps carry the address: ${at}`)];
  }
  return [
    ...http,
    ...(domainState === "verified"
      ? []
      : [
          warn(
            `${domain} is not verified, so another repository could take it over`,
            "Verify it in the settings of the owner: Pages",
          ),
        ]),
    ...(certificate === null || SERVING.includes(certificate)
      ? []
      : [fail(`The certificate of ${domain} is ${certificate}`, `Check its DNS records: ${at}`)]),
  ];
}
