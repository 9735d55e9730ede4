import type { LineSession } from './line-session.ts'

/** The part of a unit that its session answers. */
export abstract class LineUnit<Session extends LineSession> {
  readonly session: Session

  constructor(session: Session) {
    this.session = session
  }

  get connected(): boolean {
    return this.session.connected
  }

  close(): Promise<void> {
    return this.session.close()
  }

  ready(signal: AbortSignal): Promise<string> {
    return this.session.ready(signal)
  }

  identify(signal: AbortSignal): Promise<string> {
    return this.session.identify(signal)
  }
}
