/** `reader` looks; `operator` also retries, removes and pauses. */
export type Role = 'reader' | 'operator'

/** Who is asking, and what they may do. */
export interface Visitor {
  readonly role: Role
  /** As the log of actions names them. */
  readonly who: string
  /** How they showed who they are; a cookie or a proxy's login is sent by a browser without being asked, so a foreign page could use it. */
  readonly by: 'bearer' | 'cookie' | 'proxy'
}

export interface LoginRules {
  /** CONSOLE_TOKEN. */
  readonly readerToken: string | undefined
  /** CONSOLE_ADMIN_TOKEN. */
  readonly operatorToken: string | undefined
  readonly proxy: ProxyRules | undefined
  readonly sessionMs: number
}

/** A proxy that logs people in and names them in a header. */
export interface ProxyRules {
  /** CONSOLE_USER_HEADER, lower case. */
  readonly userHeader: string
  /** CONSOLE_PROXY_TOKEN, sent in `x-silt-proxy-token`. */
  readonly token: string
  /** CONSOLE_ADMIN_USERS. */
  readonly operators: readonly string[]
}
