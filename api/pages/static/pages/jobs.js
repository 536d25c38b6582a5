/** The list of jobs. */

import { shell } from "../lib/shell.js";

await shell(async () => {});
