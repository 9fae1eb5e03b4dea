/** Tells this build from others. Put in place by webpack. */
declare const BUILD: string;
/** What works offline, relative to the page. Put in place by webpack. */
declare const FILES: string[];
