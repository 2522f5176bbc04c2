import { startApp } from "./app";
import { restoreTheme } from "./dom/theme";

restoreTheme();
const root = document.getElementById("app");
if (root) startApp(root);
