/** Load of a device's queue: waiting commands, and the expected wait of a new one. */
export type QueueLoad = { waiting: number; expectedWaitMs: number }
