// Imported before everything else: libraries look at the environment while they are loaded.
process.env.NODE_ENV = 'production';

/** Connections may be idle for as long as another server is measured. */
export const PATIENT = { headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 3_600_000 };
