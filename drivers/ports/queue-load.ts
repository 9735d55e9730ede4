/** How busy a device's queue is: commands that wait for their turn, and how long one that comes now is expected to. */
export type QueueLoad = { waiting: number; expectedWaitMs: number }
