/** As facts name it; OpenTelemetry has no name for it. */
export const SYSTEM = 'asynq';
