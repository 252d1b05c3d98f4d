/** A key that can sign for the caller. */
export interface Signer {
  /** OpenSSH public key line, `ssh-ed25519 AAAA…`, without comment. */
  readonly publicKey: string;
  /** Where it came from, for people: `agent`, `ssh-keygen` or the file's path. */
  readonly source: string;
  /** Armoured SSHSIG over the bytes in a namespace, as `ssh-keygen -Y sign` makes it. */
  sign(namespace: string, bytes: Uint8Array): Promise<string>;
}

/** The caller's signing keys. */
export interface Keys {
  /**
   * The key to sign with: `file` where given, else git's `user.signingKey`, else the first Ed25519 key of the agent, of the user's
   * configuration folder, or of the user's SSH folder; among several, one that `preferred` (public key lines) names. Null: no key here.
   */
  signer(file: string | null, preferred: readonly string[]): Promise<Signer | null>;
  /** The key of git's `user.signingKey`, where it is an SSH key that can sign here. */
  configured(): Promise<Signer | null>;
  /** Public keys of the user's configuration folder, git's `user.signingKey`, the agent and the SSH folder, each once, with where they lie. */
  list(): Promise<readonly { readonly name: string; readonly publicKey: string; readonly source: string }[]>;
  /** Makes an OpenSSH Ed25519 key in the user's configuration folder (0600). Throws `keys.exists`. */
  create(name: string, passphrase: string | null): Promise<{ readonly publicKey: string; readonly path: string }>;
}
