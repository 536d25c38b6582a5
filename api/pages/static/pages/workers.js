/** Where no page is, the shell alone. */

import { shell } from "../lib/shell.js";

await shell(async () => {});
