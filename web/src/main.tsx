import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./style.css";
import { App } from "./app";
import { apply } from "./ui/settings";
import { readHeartbeat } from "./watch/heartbeat";
import { Store } from "./watch/store";

apply();
const store = new Store(readHeartbeat(document));
void store.start();

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App store={store} />
    </StrictMode>,
  );
}
