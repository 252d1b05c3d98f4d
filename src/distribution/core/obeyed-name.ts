/** Names that tools read from the folder they run in, without being told to, by lower case. */
const OBEYED = new Set([
  "brewfile",
  "build.gradle",
  "build.gradle.kts",
  "cargo.toml",
  "codeowners",
  "compose.yaml",
  "compose.yml",
  "conftest.py",
  "desktop.ini",
  "docker-compose.yaml",
  "docker-compose.yml",
  "dockerfile",
  "gemfile",
  "gnumakefile",
  "go.mod",
  "jenkinsfile",
  "justfile",
  "makefile",
  "nuget.config",
  "package.json",
  "pom.xml",
  "procfile",
  "pyproject.toml",
  "rakefile",
  "setup.cfg",
  "setup.py",
  "sitecustomize.py",
  "taskfile.yml",
  "tox.ini",
  "tsconfig.json",
  "vagrantfile",
]);
/** Configuration that is a program: `vite.config.js` and the like. */
const CONFIGURATION = /\.config\.[cm]?[jt]s$/;
/** Windows drops these at the end of a name, so that another one is made. */
const DROPPED = /[. ]+$/;
/** Devices of Windows, whatever follows the first dot. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/;

/**
 * Tells whether a file of this name would be obeyed by tools that later run in its folder, or is no plain file everywhere: a release
 * chooses the names of its files, so such a one is only written where the user says so.
 */
export function isObeyed(filename: string): boolean {
  const name = filename.normalize("NFKC").toLowerCase();
  if (name.startsWith(".") || name.startsWith("-") || name.includes(":") || DROPPED.test(name)) return true;
  return OBEYED.has(name) || CONFIGURATION.test(name) || DEVICE.test(name);
}
