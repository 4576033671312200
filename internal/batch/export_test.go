package batch

// Lanes counts the keys that occupy memory.
func (b *Batcher[K, Req, Res]) Lanes() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.lanes)
}
