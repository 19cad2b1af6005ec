package bench

import "github.com/accelbench/accelbench/devices"

// watch starts the sensors that run beside the work, before the warm-up, so that they have begun when the timed part does.
func (m *measurement) watch() {
	if w, ok := m.dev.(devices.Watcher); ok {
		w.Watch()
	}
}

// unwatched keeps what the device says of these sensors once the last reading was taken.
func (m *measurement) unwatched() {
	if _, ok := m.dev.(devices.Watcher); ok {
		m.Device = m.dev.Info()
	}
}
