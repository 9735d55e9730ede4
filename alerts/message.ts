import type { Alert, AlertType, MessageType, Severity, Subject } from './alert.ts'

/** The shop of an alert; `location` is null if it has several. */
export type Shop = { readonly merchant: string; readonly location: string | null }

/** The words of an alert in the language of the messages, from the row of its warning, on one line each. */
export type AlertWords = {
  /** `tse-1`, the name of a register; empty for the agent. */
  readonly name: string
  readonly message: string
  readonly remedy: string
  readonly shop: Shop
  /** Whether the shop may sell during it. */
  readonly selling?: string
  /** After an end: that it works again, and how many receipts it left unsigned. */
  readonly over?: { readonly message: string; readonly unsigned?: string }
}

/** An alert with its words, as it is sent. */
export type AlertNotice = AlertWords & {
  readonly type: AlertType
  readonly id: string
  readonly rule: string
  readonly severity: Severity
  readonly sinceMs: number
  /** The end of a resolved alert. */
  readonly endedAtMs?: number
  readonly subject: Subject
}

/** The facts of a digest. */
export type DigestFacts = {
  readonly duties: readonly { readonly id: string; readonly title: string; readonly due: string }[]
  readonly unsignedReceipts: number
  readonly backup: { readonly madeAt: string | null; readonly isOverdue: boolean }
  /** Targets that are behind; `words`: their state in the language of the messages. */
  readonly sync: readonly { readonly target: string; readonly state: string; readonly words: string }[]
}

export type Message = {
  /** `webhook-id`, and the left part of `Message-ID`: the same at each attempt. */
  readonly id: string
  /** The message that this one answers. */
  readonly answers?: string
  readonly type: MessageType
  /** When it happened. */
  readonly atMs: number
  readonly shop: Shop
  /** Open alerts of the agent. */
  readonly open: number
  /** Its alerts; several in one mail, and in a digest. */
  readonly alerts: readonly AlertNotice[]
  /** Missing in a summary of an hour. */
  readonly digest?: DigestFacts
  /** The duty of a `duty.changed`. */
  readonly duty?: object
}

export type AgentIdentity = { readonly id: string; readonly version: string }

/** The id under which a message of an alert is sent: that of the alert for the first one. */
export function messageId(type: AlertType, { id, raises }: Pick<Alert, 'id' | 'raises'>): string {
  if (type === 'alert.raised') return raises === 1 ? id : `${id}-${raises}`
  return `${id}-${type.slice('alert.'.length)}`
}

/** A message with its subject before it. */
export function named(name: string, message: string): string {
  return name === '' ? message : `${name}: ${message}`
}

/** A channel did not take a message. `message` may quote the server. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError'
  readonly code: string
  /** The server asks to wait so long. */
  readonly retryAfterMs: number | undefined

  constructor(code: string, message: string, retryAfterMs?: number) {
    super(message)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

/** The answer to a message that a server has taken. */
export type Receipt = {
  /** The words of the server; those of a mail server have the id of its queue. */
  readonly words: string
  /** Missing if every recipient got it. */
  readonly partly?: Partly
}

/** `later`: recipients to try again alone, in the form that the journal may store. `failure` names all that got nothing. */
export type Partly = { readonly later: readonly string[]; readonly failure: DeliveryError }

/** A way out of the machine. Sends one message at a time. */
export type Channel = {
  readonly id: string
  readonly kind: 'mail' | 'webhook'
  /** For people who hold a key: hosts and addresses, no path. */
  readonly address: string
  /** True if it takes messages of that type. */
  readonly takes: (type: MessageType) => boolean
  /** How long alerts of one rule wait for each other, to leave as one message. */
  readonly groupMs: number
  /**
   * Resolves when the server has taken the message for at least one recipient. `only`: the recipients of an earlier
   * attempt that are still to get it. Throws {@link DeliveryError}.
   */
  readonly send: (message: Message, signal: AbortSignal, only?: readonly string[]) => Promise<Receipt>
  /** The same without a message: name, connection, certificate, login. Returns what was found. */
  readonly probe: (signal: AbortSignal) => Promise<string>
}
